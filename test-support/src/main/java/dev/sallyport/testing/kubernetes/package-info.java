/** A real Kubernetes for tests: API server, etcd and, where asked for, controllers, on loopback. No nodes. */
@NullMarked
package dev.sallyport.testing.kubernetes;

import org.jspecify.annotations.NullMarked;
