# SPDX-License-Identifier: MIT
#
# One of this tree's libraries, shared and static:
#
#     tsmfd_library(tsmfd-evidence SOURCES verdict.cpp ... LINK fmt::fmt OpenSSL::Crypto)
#
# Its sources are compiled once. The static one is the target of that name, with which the tools and
# the tests of this tree are linked; the shared one is called after it, and exports what TSMFD_API
# marks with the versions of the .map file beside the sources.
function(tsmfd_library name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "EXPORT" "SOURCES;LINK")

    add_library(${name}-objects OBJECT ${arg_SOURCES})
    set_target_properties(${name}-objects PROPERTIES
        POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
    target_include_directories(${name}-objects PRIVATE
        ${PROJECT_SOURCE_DIR}/include ${CMAKE_CURRENT_SOURCE_DIR})
    target_include_directories(${name}-objects SYSTEM PRIVATE ${TSMFD_UAPI})
    target_link_libraries(${name}-objects PRIVATE tsmfd_build ${arg_LINK})
    # Its own: no other target is compiled for a shared library.
    target_precompile_headers(${name}-objects PRIVATE ${TSMFD_COMMON_HEADERS})

    add_library(${name} STATIC $<TARGET_OBJECTS:${name}-objects>)
    set_target_properties(${name} PROPERTIES EXPORT_NAME ${arg_EXPORT}_static)
    target_link_libraries(${name} PRIVATE ${arg_LINK})

    set(map ${CMAKE_CURRENT_SOURCE_DIR}/${name}.map)
    add_library(${name}-shared SHARED $<TARGET_OBJECTS:${name}-objects>)
    set_target_properties(${name}-shared PROPERTIES
        EXPORT_NAME ${arg_EXPORT} OUTPUT_NAME ${name} VERSION ${PROJECT_VERSION}
        SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR} LINK_DEPENDS ${map})
    target_link_options(${name}-shared PRIVATE -Wl,--version-script=${map} -Wl,--as-needed
        $<$<NOT:$<BOOL:${TSMFD_SANITIZE}>>:-Wl,--no-undefined>)
    target_link_libraries(${name}-shared PRIVATE tsmfd_build ${arg_LINK})

    foreach(library ${name} ${name}-shared)
        target_compile_features(${library} INTERFACE cxx_std_23)
        target_include_directories(${library} INTERFACE
            $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>)
        # SYSTEM: it is C, and its macros cast as C does.
        target_include_directories(${library} SYSTEM INTERFACE
            $<BUILD_INTERFACE:${TSMFD_UAPI}> $<INSTALL_INTERFACE:include/tsmfd/uapi>)
    endforeach()
endfunction()
