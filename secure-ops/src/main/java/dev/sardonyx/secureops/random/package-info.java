/**
 * Randomness: keystreams that two parties share, the agreement of their keys, and each party's own source. A stream is named by
 * what it is used for, so that no two uses meet the same (key, counter).
 */
@org.jspecify.annotations.NullMarked
package dev.sardonyx.secureops.random;
