@org.jspecify.annotations.NullMarked
package dev.sardonyx.cli.gateway;
