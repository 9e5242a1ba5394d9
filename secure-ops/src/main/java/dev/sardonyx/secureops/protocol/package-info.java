/** The interface that a sharing scheme implements, and the shares it works on. */
@org.jspecify.annotations.NullMarked
package dev.sardonyx.secureops.protocol;
