//! Jobs that are done, fail, panic, wait, and are cancelled.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use super::cancel::{self, Cancel};
use super::concurrency::Concurrency;
use super::panics;
use super::workers::{Event, Job, run};
use crate::error::{Error, Kind, Result};

#[test]
fn every_job_is_done_once() {
    for threads in [1, 3, 50] {
        let mut seen = vec![0; 40];
        let work = |number: &u64, job: &Job| {
            job.moved(7)?;
            Ok(number * 2)
        };
        run(&Concurrency::fixed(threads), 0..40, work, |event| {
            match event {
                Event::Moved(bytes) => assert!(bytes <= 7 * 40),
                Event::Done(job, outcome) => {
                    assert_eq!(outcome, job * 2);
                    seen[job as usize] += 1;
                }
            }
            Ok(())
        })
        .unwrap();
        assert_eq!(seen, vec![1; 40]);
    }
    let nothing = std::iter::empty::<()>();
    run(
        &Concurrency::fixed(4),
        nothing,
        |(), _| Ok(()),
        |_| panic!("nothing happens"),
    )
    .unwrap();
}

/// A cancel that comes before any worker takes a job.
#[test]
fn jobs_that_nobody_took_are_not_taken_for_done() {
    let over = Arc::new(Cancel::default());
    over.request();
    let _listening = cancel::listening_to(&over);
    let outcome = run(
        &Concurrency::fixed(3),
        0..40,
        |_: &u64, _| Ok(()),
        |_| Ok(()),
    );
    assert_eq!(outcome.unwrap_err().kind, Kind::Cancelled);
}

#[test]
fn bytes_of_done_jobs_and_of_those_under_way_are_added_up() {
    let gate = Mutex::new(mpsc::channel::<()>());
    let work = |number: &u64, job: &Job| {
        job.moved(1000)?;
        job.moved(if *number < 3 { 10 } else { 1 })?;
        if *number == 3 {
            // Goes on when the sum has been seen.
            let _ = gate.lock().unwrap().1.recv();
        }
        Ok(())
    };
    let open = gate.lock().unwrap().0.clone();
    run(&Concurrency::fixed(1), 0..4, work, |event| {
        if matches!(event, Event::Moved(31)) {
            open.send(()).unwrap();
        }
        Ok(())
    })
    .unwrap();
}

#[test]
fn the_first_failure_stops_the_rest_also_in_their_pauses() {
    let begun = Instant::now();
    let started = AtomicUsize::new(0);
    let work = |number: &u64, _: &Job| {
        started.fetch_add(1, Ordering::Relaxed);
        match number {
            2 => Err(Error::new(Kind::BadReply, "on purpose")),
            _ => cancel::pause(Duration::from_secs(60)),
        }
    };
    let error = run(&Concurrency::fixed(3), 0..1000, work, |_| Ok(())).unwrap_err();
    assert_eq!(error.message, "on purpose");
    assert!(begun.elapsed() < Duration::from_secs(30));
    // The one that failed may have taken another job before it was stopped.
    assert!(started.into_inner() <= 4);
}

#[test]
fn the_watcher_can_cancel_while_nothing_moves() {
    let work = |_: &u64, _: &Job| cancel::pause(Duration::from_secs(60));
    let cancelled = run(&Concurrency::fixed(2), 0..2, work, |_| {
        Err(Error::new(Kind::Cancelled, "mine"))
    });
    assert_eq!(cancelled.unwrap_err().message, "mine");
}

#[test]
fn a_panic_in_a_job_is_an_error() {
    let work = |number: &u64, _: &Job| -> Result<()> { panic!("job {number}") };
    let error = run(&Concurrency::fixed(1), 0..5, work, |_| Ok(())).unwrap_err();
    assert_eq!(error.code, -8);
    assert!(error.message.contains("job 0"), "{}", error.message);
}

#[test]
fn a_panic_in_a_job_prints_nothing() {
    panics::prints_nothing("base::workers_tests::a_panic_in_a_job_is_an_error", "job 0");
}
