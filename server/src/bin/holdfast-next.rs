//! A program that stands for a later version of `holdfast` (`store::version`). It has a name of its own, so that it
//! never lies where the real one belongs.

fn main() -> std::process::ExitCode {
    server::cli::main()
}
