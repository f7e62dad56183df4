#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| qcos_fuzz::options(input));
