//! A text as a picture to scan (QR code, ISO/IEC 18004).

use app::console::Picture;
use qrcode::{Color, QrCode};

/// The squares of a text; `None` for one that is too long.
pub fn picture(text: &str) -> Option<Picture> {
    let code = QrCode::new(text.as_bytes()).ok()?;
    let side = code.width();
    let colors = code.into_colors();
    let dark = colors.iter().enumerate().filter(|(_, color)| **color == Color::Dark);
    let path = dark.map(|(at, _)| format!("M{} {}h1v1h-1z", at % side, at / side)).collect();
    Some(Picture { side, path })
}
