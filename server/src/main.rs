//! The program `holdfast`.

fn main() -> std::process::ExitCode {
    server::cli::main()
}
