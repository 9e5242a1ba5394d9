/** Tests of the links, and the fixtures they share. */
@NullMarked
package dev.sardonyx.transport;

import org.jspecify.annotations.NullMarked;
