/** One party without secrecy: the reference that shares every step with the secure protocols. */
@org.jspecify.annotations.NullMarked
package dev.sardonyx.secureops.protocol.plaintext;
