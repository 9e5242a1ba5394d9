/** The command line: arguments, exit codes, JSON and what a terminal shows. */
@org.jspecify.annotations.NullMarked
package dev.sardonyx.cli;
