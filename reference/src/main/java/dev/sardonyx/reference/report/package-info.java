/** What a comparison found, gathered in bounded memory and written as one HTML page. */
@org.jspecify.annotations.NullMarked
package dev.sardonyx.reference.report;
