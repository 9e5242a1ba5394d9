package dev.sardonyx.cli.service;

import dev.sardonyx.secureops.random.RandomSource;
import java.util.function.UnaryOperator;

/**
 * Where a party's secrets come from. There is one choice, {@link #SECURE}; tests of this package make others, so that a service's answers
 * can be held against an embedded run's bit for bit. No option and no file leads here.
 *
 * @param keyContext the name under which a session's keys are agreed on, by the session's own
 * @param random the party's own randomness
 */
record Draws(UnaryOperator<String> keyContext, RandomSource random) {
    static final Draws SECURE = new Draws(UnaryOperator.identity(), RandomSource.secure());
}
