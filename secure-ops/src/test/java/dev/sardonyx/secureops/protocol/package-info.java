/** The suite that every protocol passes, and the means to run single steps among parties of one process. */
@org.jspecify.annotations.NullMarked
package dev.sardonyx.secureops.protocol;
