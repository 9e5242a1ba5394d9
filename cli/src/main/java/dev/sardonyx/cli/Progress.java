package dev.sardonyx.cli;

import java.util.Optional;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Long work on a terminal; nothing where nobody looks. */
final class Progress implements AutoCloseable {
    private Optional<ProgressBar> bar;

    private Progress(Optional<ProgressBar> bar) {
        this.bar = bar;
    }

    /** A bar of {@code total} steps on stderr, or none. */
    static Progress of(String what, long total, Terminal terminal, boolean shown) {
        if (!shown) {
            return new Progress(Optional.empty());
        }
        return new Progress(Optional.of(new ProgressBarBuilder().setTaskName(what).setInitialMax(total).setUpdateIntervalMillis(200)
                .setStyle(ProgressBarStyle.UNICODE_BLOCK).continuousUpdate().clearDisplayOnFinish()
                .setConsumer(new ConsoleProgressBarConsumer(terminal.err(), terminal.columns())).build()));
    }

    /** Says beside the bar what goes on. */
    void says(String what) {
        bar.ifPresent(shown -> shown.setExtraMessage(what));
    }

    void step(long steps) {
        bar.ifPresent(shown -> shown.stepBy(steps));
    }

    /** Clears the bar, so that what is printed next stands alone; closing twice is harmless. */
    @Override
    public void close() {
        bar.ifPresent(ProgressBar::close);
        bar = Optional.empty();
    }
}
