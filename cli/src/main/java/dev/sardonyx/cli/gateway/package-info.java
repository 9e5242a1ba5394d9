/**
 * The Open Inference Protocol (KServe version 2) over HTTP at the data owner's side: inputs come in the clear from this machine, are
 * shared here, and answers are joined here.
 */
@org.jspecify.annotations.NullMarked
package dev.sardonyx.cli.gateway;
