# SPDX-License-Identifier: MIT
#
# What cmake --install puts where: the library, its headers, its CMake and pkg-config files, the
# tools, their completions and manual pages.
#
# The kernel's headers go to include/tsmfd/uapi/linux/ and not to include/linux/: that folder is the
# C library's kernel headers', which will have files of these names once the driver is part of a
# kernel. pkg-config and CMake say -I for it, so that <linux/tsmfd.h> is found either way.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS tsmfd-shared tsmfd-evidence-shared EXPORT tsmfd-targets
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS tsmfd EXPORT tsmfd-static-targets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS tsmfd-evidence EXPORT tsmfd-evidence-static-targets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/tsmfd DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    FILES_MATCHING PATTERN "*.hpp")
install(FILES ${TSMFD_UAPI}/linux/tsmfd.h ${TSMFD_UAPI}/linux/tsmfd_emu.h
    ${TSMFD_UAPI}/linux/tsmfd_hcl.h ${TSMFD_UAPI}/linux/tsmfd_netlink.h
    ${TSMFD_UAPI}/linux/tsmfd_proxy.h ${TSMFD_UAPI}/linux/tsmfd_tpm.h
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/tsmfd/uapi/linux)
install(TARGETS tsmctl tsm-stress tsm-firmware attested-server attested-client attest-load
    RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/tsmfd)
configure_package_config_file(cmake/tsmfd-config.cmake.in
    ${CMAKE_CURRENT_BINARY_DIR}/tsmfd-config.cmake INSTALL_DESTINATION ${package})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/tsmfd-config-version.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/tsmfd-config.cmake
    ${CMAKE_CURRENT_BINARY_DIR}/tsmfd-config-version.cmake DESTINATION ${package})
install(EXPORT tsmfd-targets NAMESPACE tsmfd:: DESTINATION ${package})
install(EXPORT tsmfd-static-targets NAMESPACE tsmfd:: DESTINATION ${package})
install(EXPORT tsmfd-evidence-static-targets NAMESPACE tsmfd:: DESTINATION ${package})

foreach(module tsmfd tsmfd-evidence)
    configure_file(cmake/${module}.pc.in ${CMAKE_CURRENT_BINARY_DIR}/${module}.pc @ONLY)
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${module}.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()

install(FILES tools/tsmctl/tsmctl.bash RENAME tsmctl
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)

# Manual pages are made from reStructuredText, where there is rst2man (python3-docutils).
find_program(RST2MAN NAMES rst2man rst2man.py)
if(RST2MAN)
    foreach(page attested-server.1 tsmctl.1 tsm-stress.1 tsm-firmware.1 tsmfd.4)
        set(source ${CMAKE_CURRENT_SOURCE_DIR}/../Documentation/man/${page}.rst)
        add_custom_command(OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/man/${page}
            COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_CURRENT_BINARY_DIR}/man
            COMMAND ${RST2MAN} --halt=2 ${source} ${CMAKE_CURRENT_BINARY_DIR}/man/${page}
            DEPENDS ${source} VERBATIM)
        list(APPEND pages ${CMAKE_CURRENT_BINARY_DIR}/man/${page})
        string(REGEX MATCH "[0-9]$" section ${page})
        install(FILES ${CMAKE_CURRENT_BINARY_DIR}/man/${page}
            DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
    endforeach()
    add_custom_target(man ALL DEPENDS ${pages})
else()
    message(STATUS "no rst2man: manual pages are not made")
endif()
