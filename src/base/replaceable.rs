//! A value that is replaced while others use it: whoever has got it keeps it.

use std::sync::{Arc, PoisonError, RwLock};

pub(crate) struct Replaceable<T: ?Sized>(RwLock<Option<Arc<T>>>);

impl<T: ?Sized> Replaceable<T> {
    pub(crate) fn new(value: Option<Arc<T>>) -> Replaceable<T> {
        Replaceable(RwLock::new(value))
    }

    pub(crate) fn get(&self) -> Option<Arc<T>> {
        let value = self.0.read().unwrap_or_else(PoisonError::into_inner);
        value.clone()
    }

    pub(crate) fn set(&self, value: Option<Arc<T>>) {
        let mut place = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *place, value);
        drop(place);
        // Under no lock: that may run the code of whoever has given it.
        drop(before);
    }
}

impl<T: ?Sized> Default for Replaceable<T> {
    fn default() -> Replaceable<T> {
        Replaceable::new(None)
    }
}
