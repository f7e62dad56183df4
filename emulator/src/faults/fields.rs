//! JSON objects read strictly, so that a misspelt rule is refused and not ignored.

use serde_json::{Map, Value, json};

use super::rule::Action;

/// A thing to say, and the field that it is about.
#[derive(Debug)]
pub struct Wrong {
    pub rule: Option<usize>,
    pub field: String,
    pub message: String,
}

pub type Result<T> = std::result::Result<T, Wrong>;

pub fn wrong(field: &str, message: &str) -> Wrong {
    Wrong {
        rule: None,
        field: field.to_owned(),
        message: message.to_owned(),
    }
}

/// The fields of an object, taken out one by one: what is left in the end is unknown.
pub struct Fields {
    fields: Map<String, Value>,
    /// What an error's field begins with.
    prefix: &'static str,
}

impl Fields {
    pub fn new(fields: Map<String, Value>, prefix: &'static str) -> Fields {
        Fields { fields, prefix }
    }

    pub fn of(value: Value, prefix: &'static str) -> Result<Fields> {
        match value {
            Value::Object(fields) => Ok(Fields::new(fields, prefix)),
            _ => Err(wrong(prefix.trim_end_matches('.'), "has to be an object")),
        }
    }

    pub fn wrong(&self, field: &str, message: &str) -> Wrong {
        wrong(&format!("{}{field}", self.prefix), message)
    }

    pub fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    pub fn take(&mut self, name: &str) -> Option<Value> {
        self.fields.remove(name)
    }

    pub fn end(self) -> Result<()> {
        match self.fields.keys().next() {
            Some(name) => Err(self.wrong(name, "is not known here")),
            None => Ok(()),
        }
    }

    pub fn text(&mut self, name: &str) -> Result<Option<String>> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(name, "has to be a text")),
        }
    }

    pub fn number(&mut self, name: &str) -> Result<Option<u64>> {
        match self.take(name) {
            None => Ok(None),
            Some(value) => match value.as_u64() {
                Some(number) => Ok(Some(number)),
                None => Err(self.wrong(name, "has to be a number from 0 up")),
            },
        }
    }

    pub fn needed(&mut self, name: &str) -> Result<u64> {
        let number = self.number(name)?;
        number.ok_or_else(|| self.wrong(name, "is missing"))
    }

    pub fn integer(&mut self, name: &str) -> Result<i64> {
        let number = self.take(name).and_then(|value| value.as_i64());
        number.ok_or_else(|| self.wrong(name, "has to be an integer"))
    }

    pub fn flag(&mut self, name: &str) -> Result<Option<bool>> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(_) => Err(self.wrong(name, "has to be true or false")),
        }
    }

    pub fn yes(&mut self, name: &str, action: Action) -> Result<Action> {
        match self.flag(name)? {
            Some(true) => Ok(action),
            _ => Err(self.wrong(name, "has to be true")),
        }
    }

    pub fn chance(&mut self, name: &str) -> Result<Option<f64>> {
        match self.take(name).map(|value| value.as_f64()) {
            None => Ok(None),
            Some(Some(chance)) if (0.0..=1.0).contains(&chance) => Ok(Some(chance)),
            Some(_) => Err(self.wrong(name, "has to be from 0 to 1")),
        }
    }

    pub fn one_of(&mut self, name: &str, known: &[&str]) -> Result<usize> {
        let text = self.text(name)?;
        let found = known
            .iter()
            .position(|known| text.as_deref() == Some(known));
        found.ok_or_else(|| self.wrong(name, &format!("none of {}", known.join(", "))))
    }
}

impl Wrong {
    pub fn show(&self) -> Value {
        json!({"rule": self.rule, "field": self.field, "message": self.message})
    }
}
