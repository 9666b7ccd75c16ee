//! Ink that can be read on the accent colour, whatever colour an administrator chose.

/// The ink for text on this accent: white or near black, whichever has more contrast (WCAG 2.2, relative luminance).
/// One of the two always has at least 4.5:1. None if the text is not `#rrggbb`.
pub(crate) fn ink_on(accent: &str) -> Option<&'static str> {
    let digits = accent.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    let channel = |index: usize| {
        let value = u8::from_str_radix(digits.get(index..index + 2)?, 16).ok()?;
        Some(linear(f32::from(value) / 255.0))
    };
    let luminance = 0.2126 * channel(0)? + 0.7152 * channel(2)? + 0.0722 * channel(4)?;
    // White wins where (1 + 0.05) / (l + 0.05) >= (l + 0.05) / 0.05.
    Some(if (luminance + 0.05) * (luminance + 0.05) <= 1.05 * 0.05 { "#fff" } else { "#000" })
}

/// The linear light of an sRGB channel, by a cubic that is nearer than 0.003 everywhere: the exact power would cost more
/// bytes than it is worth.
fn linear(channel: f32) -> f32 {
    channel * (channel * (channel * 0.305_306_01 + 0.682_171_1) + 0.012_522_878)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::String;

    #[test]
    fn dark_accents_take_white_ink_and_light_ones_black() {
        for (accent, ink) in [
            ("#2457d6", "#fff"),
            ("#000000", "#fff"),
            ("#b00020", "#fff"),
            ("#ffffff", "#000"),
            ("#ffd400", "#000"),
            ("#7fd1ae", "#000"),
        ] {
            assert_eq!(ink_on(accent), Some(ink), "{accent}");
        }
    }

    #[test]
    fn the_ink_can_always_be_read() {
        let exact =
            |value: f64| if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) };
        for step in 0..4096_u32 {
            let parts = [step >> 8 & 15, step >> 4 & 15, step & 15].map(|nibble| nibble * 17);
            let accent = parts.iter().fold(String::from("#"), |text, part| text + &format!("{part:02x}"));
            let [red, green, blue] = parts.map(|part| exact(f64::from(part) / 255.0));
            let luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
            let contrast = match ink_on(&accent) {
                Some("#fff") => 1.05 / (luminance + 0.05),
                _ => (luminance + 0.05) / 0.05,
            };
            assert!(contrast >= 4.5, "{accent}: {contrast}");
        }
    }

    #[test]
    fn what_is_not_a_colour_has_no_ink() {
        for text in ["", "#fff", "red", "#12345g", "#12345é"] {
            assert_eq!(ink_on(text), None, "{text}");
        }
    }
}
