/** Two computing parties and a dealer that sees no data. */
@org.jspecify.annotations.NullMarked
package dev.sardonyx.secureops.protocol.dealer2;
