//! Whether two copies of the site would be written to one place: two writers there would undo each other's work for ever.

use super::{
    Config, Mirror,
    mirror::{Scheme, target_parts},
};
use domain::command::Refusal;
use object_store::{aws::AmazonS3ConfigKey, azure::AzureConfigKey, gcp::GoogleConfigKey};
use std::{
    collections::BTreeSet,
    path::{Component, Path, PathBuf},
};

/// A place in one spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Directory(PathBuf),
    Bucket {
        scheme: Scheme,
        /// Bucket, then the prefix.
        parts: Vec<String>,
        /// Buckets of one name are others at another endpoint or of another account.
        whose: BTreeSet<String>,
    },
}

/// Each place that was named before, with both fields. Paths are looked up on the disk, so this is asked when they are
/// whole.
pub(super) fn check(config: &Config) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let mut known: Vec<(String, Place)> = Vec::new();
    if let Some(directory) = &config.snapshot.directory {
        known.push(("snapshot.directory".to_owned(), Place::Directory(resolved(directory))));
    }
    for (index, mirror) in config.mirrors.iter().enumerate() {
        let Some(place) = place(mirror) else { continue };
        let field = format!("mirror[{index}].target");
        match known.iter().find(|(_, other)| *other == place) {
            Some((earlier, _)) => {
                let what = format!("of `{}` is the same place as `{earlier}`{}", mirror.name, shown(&place));
                refusals.push(Refusal::new(field, what, "a place of its own for each copy, or one of the two alone"));
            }
            None => known.push((field, place)),
        }
    }
    refusals
}

fn place(mirror: &Mirror) -> Option<Place> {
    if let Some(directory) = mirror.directory() {
        return Some(Place::Directory(resolved(&directory)));
    }
    let (scheme, rest) = target_parts(mirror.target.as_deref()?)?;
    let parts = rest.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
    let told = mirror.options.iter().filter(|(name, _)| tells_whose(scheme, name));
    let whose = told.filter_map(|(_, value)| Some(value.resolve()?.trim_end_matches('/').to_owned())).collect();
    Some(Place::Bucket { scheme, parts, whose })
}

fn tells_whose(scheme: Scheme, option: &str) -> bool {
    match scheme {
        Scheme::S3 => matches!(option.parse(), Ok(AmazonS3ConfigKey::Endpoint)),
        Scheme::Google => matches!(option.parse(), Ok(GoogleConfigKey::BaseUrl)),
        Scheme::Azure => matches!(option.parse(), Ok(AzureConfigKey::AccountName | AzureConfigKey::Endpoint)),
        Scheme::File => false,
    }
}

/// A directory in one spelling: of what is there already the disk decides, links and all; of the rest the text.
fn resolved(directory: &Path) -> PathBuf {
    let whole = std::path::absolute(directory).unwrap_or_else(|_| directory.to_owned());
    let mut found = PathBuf::new();
    for part in whole.components() {
        match part {
            Component::ParentDir => drop(found.pop()),
            Component::CurDir => {}
            part => found.push(part),
        }
        if let Ok(real) = found.canonicalize() {
            found = real;
        }
    }
    found
}

/// As messages show it. No credential can stand in a directory's path, nor in an address that was checked.
fn shown(place: &Place) -> String {
    match place {
        Place::Directory(directory) => format!(", `{}`", directory.display()),
        Place::Bucket { .. } => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::load;
    use std::fs;

    /// The refusals of a file in `base`, or none.
    fn refused(base: &Path, text: &str) -> Option<String> {
        let file = base.join("holdfast.toml");
        fs::write(&file, text).expect("written");
        load(&file).err().map(|error| error.to_string())
    }

    fn mirrors(targets: &[(&str, &str)]) -> String {
        let of = |(index, (target, options)): (usize, &(&str, &str))| {
            format!("[[mirror]]\nname = \"m{index}\"\ntarget = \"{target}\"\noptions = {{ {options} }}\n")
        };
        targets.iter().enumerate().map(of).collect()
    }

    #[test]
    fn one_place_for_two_copies_is_refused_however_it_is_written() {
        let directory = tempfile::tempdir().expect("a directory");
        let base = directory.path().canonicalize().expect("a path");
        fs::create_dir_all(base.join("srv/status")).expect("made");
        std::os::unix::fs::symlink(base.join("srv"), base.join("link")).expect("linked");
        let at = base.display();
        let file = |path: &str| format!("file://{at}/{path}");
        for (snapshot, target) in [
            ("srv/status", "srv/status"),
            ("srv/status", "srv/status/"),
            ("./srv/./status/", "srv//status"),
            ("srv/other/../status", "srv/status"),
            ("link/status", "srv/status"),
            ("srv/not yet/", "link/not yet"),
        ] {
            let text = format!("[snapshot]\ndirectory = \"{snapshot}\"\n{}", mirrors(&[(&file(target), "")]));
            let told = refused(&base, &text).unwrap_or_else(|| panic!("{snapshot} and {target}"));
            assert!(told.contains("mirror[0].target") && told.contains("`snapshot.directory`"), "{told}");
            let both = [(file(snapshot.trim_start_matches("./").replace("/./", "/").as_str()), ""), (file(target), "")];
            let both: Vec<(&str, &str)> = both.iter().map(|(target, options)| (target.as_str(), *options)).collect();
            let told = refused(&base, &mirrors(&both)).unwrap_or_else(|| panic!("{both:?}"));
            // A step up is refused as no address before it is compared.
            assert!(told.contains("`mirror[0].target`") || snapshot.contains(".."), "{told}");
        }
        for (one, other) in [
            (("s3://bucket", ""), ("s3://bucket/", "")),
            (("s3://bucket/a/b", ""), ("s3://bucket/a/b/", "")),
            (
                ("s3://bucket/a", "endpoint = \"https://one.example\""),
                ("s3://bucket/a/", "aws_endpoint = \"https://one.example/\""),
            ),
            (("az://container/a/", "account_name = \"one\""), ("az://container/a", "account_name = \"one\"")),
            (("gs://bucket/a/", ""), ("gs://bucket/a", "")),
        ] {
            let told = refused(&base, &mirrors(&[one, other])).unwrap_or_else(|| panic!("{one:?} and {other:?}"));
            assert!(told.contains("mirror[1].target") && told.contains("`mirror[0].target`"), "{told}");
        }
    }

    #[test]
    fn places_that_are_two_are_not_refused() {
        let directory = tempfile::tempdir().expect("a directory");
        let base = directory.path().canonicalize().expect("a path");
        let at = base.display();
        let text = format!("[snapshot]\ndirectory = \"a\"\n{}", mirrors(&[(&format!("file://{at}/b"), "")]));
        assert_eq!(refused(&base, &text), None);
        let of_account = |name: &str| format!("account_name = \"{name}\"");
        let (one, other) = (of_account("one"), of_account("other"));
        let pairs = [
            [("s3://bucket/a", ""), ("s3://bucket/b", "")],
            [("s3://bucket/a", ""), ("gs://bucket/a", "")],
            [("az://container", &one), ("az://container", &other)],
            [
                ("s3://bucket", "endpoint = \"https://one.example\""),
                ("s3://bucket", "endpoint = \"https://other.example\""),
            ],
        ];
        for pair in pairs {
            assert_eq!(refused(&base, &mirrors(&pair)), None, "{pair:?}");
        }
    }
}
