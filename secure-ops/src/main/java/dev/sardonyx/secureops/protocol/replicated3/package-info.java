/** Replicated secret sharing among three parties, one of which may be semi-honest. */
@org.jspecify.annotations.NullMarked
package dev.sardonyx.secureops.protocol.replicated3;
