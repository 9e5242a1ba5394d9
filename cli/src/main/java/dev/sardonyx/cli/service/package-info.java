/** Parties as services of their own, and the owners' side of them. */
@org.jspecify.annotations.NullMarked
package dev.sardonyx.cli.service;
