/** JSON (RFC 8259) as services speak it: read within bounds, written in one line. */
@org.jspecify.annotations.NullMarked
package dev.sardonyx.cli.json;
