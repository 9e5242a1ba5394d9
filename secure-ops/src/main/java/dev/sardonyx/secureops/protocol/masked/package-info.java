/**
 * Sharing in masked form among three roles: a helper that knows every mask and no data, and two workers that both know every masked
 * value and one half of its mask each. Protocols whose helper is a computing party and protocols whose helper is a dealer are both
 * thin layers over it. {@code docs/protocols.md} describes each step with its source and its cost.
 */
@org.jspecify.annotations.NullMarked
package dev.sardonyx.secureops.protocol.masked;
