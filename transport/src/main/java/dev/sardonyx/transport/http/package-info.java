/**
 * A small HTTP/1.1 server within stated bounds, for the endpoints that are not between parties.
 *
 * <p>It knows nothing of what is asked or answered, and no body, header or path appears in an error or a {@code toString}.
 */
@NullMarked
package dev.sardonyx.transport.http;

import org.jspecify.annotations.NullMarked;
