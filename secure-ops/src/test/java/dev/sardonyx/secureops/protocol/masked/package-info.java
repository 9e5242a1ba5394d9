/** The carry circuit and the costs of the masked form. */
@org.jspecify.annotations.NullMarked
package dev.sardonyx.secureops.protocol.masked;
