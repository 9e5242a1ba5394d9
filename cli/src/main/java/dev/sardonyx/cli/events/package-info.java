/** What services tell of themselves: one line an event, of names that are listed here and of no others. */
@org.jspecify.annotations.NullMarked
package dev.sardonyx.cli.events;
