# Cross-compiles for arm64 on Debian 12, with the libraries in a folder that arm64 packages were
# unpacked to, and runs under qemu-aarch64-static. scripts/arm64 does it all; by hand:
#   cmake -B build/arm64 --toolchain cmake/aarch64.cmake -DLAGGARD_SYSROOT=FOLDER
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES LAGGARD_SYSROOT)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++-12)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_FIND_ROOT_PATH ${LAGGARD_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(CMAKE_CXX_FLAGS_INIT "-idirafter ${LAGGARD_SYSROOT}/usr/include/aarch64-linux-gnu")
set(ENV{PKG_CONFIG_LIBDIR} ${LAGGARD_SYSROOT}/usr/lib/aarch64-linux-gnu/pkgconfig)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${LAGGARD_SYSROOT})
set(CMAKE_EXE_LINKER_FLAGS_INIT
  "-Wl,-rpath-link,${LAGGARD_SYSROOT}/usr/lib/aarch64-linux-gnu:${LAGGARD_SYSROOT}/lib/aarch64-linux-gnu")
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64-static -L ${LAGGARD_SYSROOT})
