//! Ctrl-C between two files instead of in the middle of one.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag::{register_conditional_default, register_usize};
use signal_hook::low_level::emulate_default_handler;

/// As long as it lives, a signal that would end the process waits for [`Self::give_way`].
pub(super) struct Interrupts {
    /// The signal that came; 0 for none.
    came: Arc<AtomicUsize>,
    is_over: Arc<AtomicBool>,
}

impl Interrupts {
    /// Holds up what comes from now on. Where that cannot be done, signals end the process as ever.
    pub(super) fn hold() -> Self {
        let held = Self { came: Arc::default(), is_over: Arc::default() };
        let register = |signal: i32| -> io::Result<()> {
            register_conditional_default(signal, Arc::clone(&held.is_over))?;
            register_usize(signal, Arc::clone(&held.came), usize::try_from(signal).unwrap_or_default())?;
            Ok(())
        };
        for signal in [SIGINT, SIGTERM] {
            let _ = register(signal);
        }
        held
    }

    /// Ends the process as the signal would have ended it, if one came: a shell has to see that. Says it with
    /// `last_words` before.
    pub(super) fn give_way(&self, last_words: impl FnOnce()) {
        let signal = i32::try_from(self.came.load(SeqCst)).unwrap_or_default();
        if signal != 0 {
            last_words();
            let _ = emulate_default_handler(signal);
        }
    }
}

impl Drop for Interrupts {
    fn drop(&mut self) {
        self.is_over.store(true, SeqCst);
    }
}
