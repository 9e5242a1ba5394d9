/**
 * How parties talk: tagged messages over reliable links between every two parties, in memory or over TLS.
 *
 * <p>This package knows nothing of shares, plans or graphs: a payload is a byte array whose meaning belongs to the caller, and
 * which never appears in an error, a log or a {@code toString}.
 */
@NullMarked
package dev.sardonyx.transport;

import org.jspecify.annotations.NullMarked;
