//! A search in one pass (Knuth, Morris and Pratt): no text is read twice, however often it begins
//! like what is looked for.

use super::DISTINCT_BYTES;

pub(super) struct Pattern<'p> {
    text: &'p [u8],
    /// For each length of what fits, the longest shorter one that fits as well.
    shorter: Vec<usize>,
}

impl Pattern<'_> {
    pub(super) fn new(text: &[u8]) -> Pattern<'_> {
        let mut shorter = vec![0; text.len() + 1];
        let mut fits = 0;
        for end in 1..text.len() {
            while fits > 0 && text[fits] != text[end] {
                fits = shorter[fits];
            }
            fits += usize::from(text[fits] == text[end]);
            shorter[end + 1] = fits;
        }
        Pattern { text, shorter }
    }

    /// Tells `found` from where to where it is, also where it is cut off by the end of the text at
    /// `length`. Each byte comes with where it begins and ends there; nothing is told twice.
    pub(super) fn search(
        &self,
        bytes: impl Iterator<Item = (u8, usize, usize)>,
        length: usize,
        found: &mut dyn FnMut(usize, usize),
    ) {
        let whole = self.text.len();
        if whole == 0 {
            return;
        }
        let mut fits = 0;
        let mut reported = 0;
        // Where the last bytes begin, each in its place of a ring.
        let mut begins = vec![0; whole.next_power_of_two()];
        let ring = begins.len() - 1;
        let mut count: usize = 0;
        for (byte, begin, end) in bytes {
            begins[count & ring] = begin;
            count += 1;
            while fits > 0 && (fits == whole || self.text[fits] != byte) {
                fits = self.shorter[fits];
            }
            fits += usize::from(self.text[fits] == byte);
            if fits == whole {
                found(begins[(count - whole) & ring].max(reported), end);
                reported = end;
            }
        }
        if fits < whole && fits >= DISTINCT_BYTES {
            found(begins[(count - fits) & ring].max(reported), length);
        }
    }
}
