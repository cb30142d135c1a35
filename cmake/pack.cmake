# `cpack -G DEB` in the build folder makes one Debian package of all that is installed.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME laggard)
set(CPACK_PACKAGE_VENDOR "The Laggard authors")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "testbed for distributed optimisation with stragglers")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Laggard solves regularised problems (logistic regression with an l1 term, say)
by consensus ADMM and gradient methods on workers of which some lag. A protocol
decides whose reports the coordinator waits for. The same protocol runs in
virtual time, on threads, and on worker processes that are invoked as
serverless functions are.")
set(CPACK_PACKAGE_CONTACT "The Laggard authors <laggard@example.org>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
# dpkg-shlibdeps finds what the programs need; certificates are for AWS and shards from https.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ca-certificates")
# What plugins are built with.
set(CPACK_DEBIAN_PACKAGE_SUGGESTS
  "g++, cmake, libboost1.81-dev, libboost-json1.81-dev, libeigen3-dev, libfmt-dev")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
