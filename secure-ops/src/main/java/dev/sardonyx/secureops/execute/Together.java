package dev.sardonyx.secureops.execute;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** Runs tasks at the same time and joins them. */
final class Together {
    @FunctionalInterface
    interface Task<T> {
        T run();
    }

    private Together() {
    }

    /**
     * All results, in order. A single task runs on the calling thread. Tasks end each other by their own means (an ended request ends
     * at all parties), so all are waited for.
     *
     * @throws RuntimeException the failure that says most of where the fault lies, if any failed
     */
    static <T> List<T> run(List<Task<T>> tasks) {
        return run(tasks, tasks.size());
    }

    /** As {@link #run(List)}, but so many at a time: in order, the next as soon as one is done. */
    static <T> List<T> run(List<Task<T>> tasks, int atOnce) {
        if (tasks.size() == 1) {
            return List.of(tasks.getFirst().run());
        }
        var outcomes = new ArrayList<Outcome<T>>();
        var threads = new ArrayList<Thread>();
        var places = new Semaphore(atOnce);
        boolean interrupted = false;
        for (Task<T> task : tasks) {
            interrupted |= take(places, threads);
            var outcome = new Outcome<T>();
            outcomes.add(outcome);
            try {
                threads.add(SameKind.begin(() -> {
                    try {
                        outcome.fill(task);
                    } finally {
                        places.release();
                    }
                }));
            } catch (OutOfMemoryError noThread) {
                outcome.failure = noThread;
                break;
            }
        }
        if (interrupted || threads.size() < tasks.size()) {
            threads.forEach(Thread::interrupt);
        }
        join(threads);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        List<Throwable> failures = outcomes.stream().map(outcome -> outcome.failure).filter(Objects::nonNull).map(Throwable.class::cast).toList();
        if (!failures.isEmpty()) {
            Throwable first = Blame.first(failures);
            failures.stream().filter(failure -> failure != first).forEach(first::addSuppressed);
            if (first instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) first;
        }
        return outcomes.stream().map(outcome -> Objects.requireNonNull(outcome.result)).toList();
    }

    /** Waits for a place; an interrupt is passed on to those who hold one, and told. */
    private static boolean take(Semaphore places, List<Thread> holders) {
        boolean interrupted = false;
        while (true) {
            try {
                places.acquire();
                return interrupted;
            } catch (InterruptedException e) {
                interrupted = true;
                holders.forEach(Thread::interrupt);
            }
        }
    }

    private static void join(List<Thread> threads) {
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (true) {
                try {
                    thread.join();
                    break;
                } catch (InterruptedException e) {
                    interrupted = true;
                    threads.forEach(Thread::interrupt);
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static final class Outcome<T> {
        private @Nullable T result;
        private @Nullable Throwable failure;

        void fill(Task<T> task) {
            try {
                result = task.run();
            } catch (RuntimeException | Error e) {
                failure = e;
            }
        }
    }
}
