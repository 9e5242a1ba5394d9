@org.jspecify.annotations.NullMarked
package dev.sardonyx.transport.http;
