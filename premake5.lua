-- Builds the extension inside an Isaac Sim or Kit application repository: links what Kit loads into the build.
-- project_ext links the folder config by itself.
local ext = get_current_extension_info()

project_ext(ext)

repo_build.prebuild_link {
    { "data", ext.target_dir .. "/data" },
    { "docs", ext.target_dir .. "/docs" },
    { "isaacsim_agent_ext", ext.target_dir .. "/isaacsim_agent_ext" },
    { "tools/kit", ext.target_dir .. "/tools/kit" },
}

repo_build.prebuild_copy {
    { "extension.toml", ext.target_dir },
    { "CHANGELOG.md", ext.target_dir },
    { "README.md", ext.target_dir },
}
