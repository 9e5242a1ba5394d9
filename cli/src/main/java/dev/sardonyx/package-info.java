/** The library's front door: private prediction in a few lines. */
@org.jspecify.annotations.NullMarked
package dev.sardonyx;
