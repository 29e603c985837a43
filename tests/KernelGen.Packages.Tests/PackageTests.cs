using System.Diagnostics;
using System.IO.Compression;
using System.Text.RegularExpressions;

namespace KernelGen.Packages.Tests;

/// <summary>The packages, used from a folder feed by a project that has never seen the sources.</summary>
public sealed partial class PackageTests : IClassFixture<PackageTests.Feed>
{
    private readonly Feed _feed;

    public PackageTests(Feed feed) => _feed = feed;

    [Fact]
    public void The_runtime_package_holds_the_generator_and_depends_on_nothing()
    {
        using ZipArchive package = ZipFile.OpenRead(_feed.Package("KernelGen"));
        string[] files = [.. package.Entries.Select(entry => entry.FullName)];
        Assert.Contains("analyzers/dotnet/cs/KernelGen.Generators.dll", files);
        Assert.Contains("analyzers/dotnet/cs/KernelGen.CodeFixes.dll", files);
        Assert.Contains("lib/net10.0/KernelGen.dll", files);
        Assert.Contains("lib/net10.0/KernelGen.xml", files);
        Assert.Contains("README.md", files);
        Assert.Contains("build/KernelGen.targets", files);
        using var nuspec = new StreamReader(package.GetEntry("KernelGen.nuspec")!.Open());
        Assert.DoesNotContain("<dependency ", nuspec.ReadToEnd());
    }

    /// <summary>Every block of code of the README: its declaration, in a project of its own with each of its programs.</summary>
    [Theory]
    [InlineData("Program.cs", "KernelGen", "KernelGen.Scaling")]
    [InlineData("Gpu.cs", "KernelGen", "KernelGen.Gpu")]
    public void The_README_s_programs_run_from_the_packages(string file, params string[] packages)
    {
        string readme = File.ReadAllText(Path.Combine(Feed.Root, "README.md"));
        var blocks = Block().Matches(readme).ToDictionary(match => match.Groups["file"].Value, match => match);
        Assert.Equal(["mine.cs", "Program.cs", "Gpu.cs"], blocks.Keys);
        string project = _feed.NewProject("MyFormats", blocks[file].Groups["text"].Value, packages);
        File.WriteAllText(Path.Combine(project, "mine.cs"), blocks["mine.cs"].Groups["text"].Value);
        (int exit, string output) = Feed.Dotnet(project, "run", "-c", "Release");
        Assert.True(exit == 0, output);
        Match says = Says().Match(readme[blocks[file].Index..]);
        Assert.True(says.Success, $"README.md does not say what {file} prints");
        Assert.Contains(says.Groups[1].Value, output);
    }

    /// <summary>What a feed shows of a package, and what a debugger asks for.</summary>
    [Fact]
    public void Packages_have_a_readme_of_their_own_an_icon_tags_and_symbols()
    {
        string[] packages = Directory.GetFiles(_feed.Packages, "*.nupkg");
        Assert.True(packages.Length >= 9, string.Join(", ", packages));
        foreach (string path in packages)
        {
            string id = Path.GetFileName(path)[..^$".{Feed.Version}.nupkg".Length];
            using ZipArchive package = ZipFile.OpenRead(path);
            string nuspec = Read(package, $"{id}.nuspec");
            Assert.Contains("<icon>icon.png</icon>", nuspec);
            Assert.Contains("<readme>README.md</readme>", nuspec);
            Assert.Contains("<license type=\"expression\">MIT</license>", nuspec);
            Assert.Matches("<tags>[^<]*quantization[^<]*</tags>", nuspec);
            Assert.StartsWith($"# {id}\n", Read(package, "README.md"));
            Assert.NotNull(package.GetEntry("icon.png"));
            Assert.Equal(id != "KernelGen.Templates", File.Exists(Path.ChangeExtension(path, "snupkg")));
        }

        static string Read(ZipArchive package, string name)
        {
            using var reader = new StreamReader(package.GetEntry(name)!.Open());
            return reader.ReadToEnd();
        }
    }

    [Theory]
    [InlineData("KernelGen.Gpu")]
    [InlineData("KernelGen.Formats.Gpu")]
    public void GPU_packages_depend_on_ILGPU(string id)
    {
        using ZipArchive package = ZipFile.OpenRead(_feed.Package(id));
        using var nuspec = new StreamReader(package.GetEntry($"{id}.nuspec")!.Open());
        Assert.Contains("<dependency id=\"ILGPU\" version=\"1.5.3\"", nuspec.ReadToEnd());
    }

    [Fact]
    public void Wrong_declarations_get_their_diagnostics_from_the_packaged_analyzer()
    {
        string text = File.ReadAllText(Path.Combine(Feed.Root, "docs", "diagnostics.md"));
        Match[] wrong = [.. Wrong().Matches(text).Cast<Match>()];
        Assert.True(wrong.Length >= 25);
        string source =
            "using KernelGen;\nSystem.Console.WriteLine();\n"
            + string.Concat(
                wrong.Select((match, i) => $"namespace Case{i} {{ {match.Groups[2].Value.Replace("\"wrong\"", $"\"wrong{i}\"")} }}\n")
            );
        string project = _feed.NewProject("wrong", source, "KernelGen");
        (int exit, string output) = Feed.Dotnet(project, "build");
        Assert.NotEqual(0, exit);
        Assert.All(wrong, (Match match) => Assert.Contains($"error {match.Groups[1].Value}:", output));
    }

    [Fact]
    public void Wrong_declarations_are_mended_by_the_packaged_code_fixes()
    {
        const string wrong = """
            System.Console.WriteLine(Mine.A.Info.BitsPerWeight);
            namespace Mine
            {
                using KernelGen;

                [CompressedFormat("a")]
                [IntElement(9)]
                [Scale(ScaleType.Float16, group: 20000)]
                public readonly struct A;
            }
            """;
        string project = _feed.NewProject("fixed", wrong, "KernelGen");
        int exit;
        string output;
        // a run mends the errors of one kind: the modifier, the bits, the group
        for (int times = 0; times < 3; times++)
        {
            (exit, output) = Feed.Dotnet(project, "format", "analyzers", "--severity", "error");
            Assert.True(exit == 0, output);
        }
        Assert.Equal(
            wrong.Replace("struct", "partial struct").Replace("(9)", "(8)").Replace("20000", "16384"),
            File.ReadAllText(Path.Combine(project, "Program.cs"))
        );
        (exit, output) = Feed.Dotnet(project, "run", "-c", "Release");
        Assert.True(exit == 0, output);
        Assert.Contains("8.0009765625", output);
    }

    [Fact]
    public void The_template_makes_a_project_that_runs_and_passes_its_tests()
    {
        // a hive of its own: the machine's templates stay as they are
        string[] hive = ["--debug:custom-hive", Path.Combine(_feed.Folder, "hive")];
        Done(_feed.Folder, "new", "install", _feed.Package("KernelGen.Templates"));
        Done(_feed.Folder, "new", "kernelgen-formats", "-o", "Mine");
        string project = Path.Combine(_feed.Folder, "Mine");
        Assert.True(File.Exists(Path.Combine(project, "Mine.csproj")));
        hive = [];
        string compared = Done(project, "run");
        Assert.Matches(@"my-int4\s+4\.5000\s+0\.009\d{3}\s+0\.89\d{2}", compared);
        Assert.Matches(@"my-code3\s+3\.2500\s+0\.0\d{5}\s+0\.[78]\d{3}", compared);
        Assert.Matches(@"Passed:\s+4,", Done(project, "test"));

        string Done(string folder, params string[] arguments)
        {
            (int exit, string output) = Feed.Dotnet(folder, [.. arguments, .. hive]);
            Assert.True(exit == 0, output);
            return output;
        }
    }

    /// <summary>Builds that make kernels slow say so, with the line that cures it; with that line they are silent.</summary>
    [Fact]
    public void Slow_builds_are_warned_of()
    {
        string project = _feed.NewProject("slow", "System.Console.WriteLine();", "KernelGen");
        string[] publish = ["build", "-c", "Release", "-t:PrepareForPublish", "-p:PublishAot=true"];
        Built("warning KGB001: ", "<Optimize>true</Optimize>", "build");
        Built(null, "KGB00", "build", "-p:Optimize=true");
        Built(null, "KGB00", "build", "-c", "Release");
        Built("warning KGB002: ", "<IlcInstructionSet>native</IlcInstructionSet>", publish);
        Built(null, "KGB00", [.. publish, "-p:IlcInstructionSet=native"]);

        void Built(string? warning, string text, params string[] arguments)
        {
            (int exit, string output) = Feed.Dotnet(project, arguments);
            Assert.True(exit == 0, output);
            if (warning is null)
            {
                Assert.DoesNotContain(text, output);
                return;
            }
            Assert.Contains(warning, output);
            Assert.Contains(text, output);
        }
    }

    [Fact]
    public void The_command_installs_as_a_tool_and_lists_formats()
    {
        string tools = Path.Combine(_feed.Folder, "tools");
        (int exit, string output) = Feed.Dotnet(
            _feed.Folder,
            "tool",
            "install",
            "KernelGen.Cli",
            "--tool-path",
            tools,
            "--add-source",
            _feed.Packages,
            "--version",
            Feed.Version
        );
        Assert.True(exit == 0, output);
        (exit, output) = Feed.Run(Path.Combine(tools, "kernelgen"), _feed.Folder, "list", "-o", "json");
        Assert.True(exit == 0, output);
        Assert.Contains("\"format\": \"q4_0\"", output.Replace("\":\"", "\": \""));
        (exit, output) = Feed.Run(Path.Combine(tools, "kernelgen"), _feed.Folder, "emit", "q4_0");
        Assert.True(exit == 0, output);
        Assert.Contains("partial struct Q4_0", output);
    }

    [GeneratedRegex(@"^```csharp (?<file>\S+)\n(?<text>.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex(@"It prints `([^`]+)`")]
    private static partial Regex Says();

    [GeneratedRegex(@"^## (KG\d{4})[^\n]*\n+```csharp\n(.*?)```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Wrong();

    /// <summary>A folder feed with freshly packed packages, under a version of its own so that no cache answers.</summary>
    public sealed class Feed : IDisposable
    {
        public Feed()
        {
            Directory.CreateDirectory(Packages);
            // Packages go to a folder of their own; what this machine has already is found in its usual folder.
            string known = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
                ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
            File.WriteAllText(
                Path.Combine(Folder, "Directory.Build.props"),
                $"""
                <Project>
                  <PropertyGroup>
                    <RestorePackagesPath>{Path.Combine(Folder, "packages")}</RestorePackagesPath>
                    <RestoreFallbackFolders>{known}</RestoreFallbackFolders>
                    <RestoreAdditionalProjectSources>{Packages}</RestoreAdditionalProjectSources>
                  </PropertyGroup>
                </Project>
                """
            );
            (int exit, string output) = Dotnet(Root, "pack", "KernelGen.sln", "-c", "Release", "-o", Packages, $"-p:Version={Version}");
            Assert.True(exit == 0, output);
        }

        public static string Version { get; } = $"0.1.0-test.{DateTime.UtcNow:yyyyMMddHHmmss}";

        public static string Root { get; } = FindRoot();

        public string Folder { get; } = Directory.CreateTempSubdirectory("kernelgen-packages-").FullName;

        public string Packages => Path.Combine(Folder, "feed");

        public string Package(string id) => Path.Combine(Packages, $"{id}.{Version}.nupkg");

        /// <summary>A console project with one source file and the packages.</summary>
        public string NewProject(string name, string source, params string[] packages)
        {
            string folder = Directory.CreateDirectory(Path.Combine(Folder, name)).FullName;
            File.WriteAllText(Path.Combine(folder, "Program.cs"), source);
            File.WriteAllText(
                Path.Combine(folder, name + ".csproj"),
                $"""
                <Project Sdk="Microsoft.NET.Sdk">
                  <PropertyGroup>
                    <OutputType>Exe</OutputType>
                    <TargetFramework>net10.0</TargetFramework>
                    <Nullable>enable</Nullable>
                    <ImplicitUsings>enable</ImplicitUsings>
                  </PropertyGroup>
                  <ItemGroup>
                    {string.Join("\n    ", packages.Select(id => $"<PackageReference Include=\"{id}\" Version=\"{Version}\" />"))}
                  </ItemGroup>
                </Project>
                """
            );
            return folder;
        }

        public static (int Exit, string Output) Dotnet(string folder, params string[] arguments) => Run("dotnet", folder, arguments);

        public static (int Exit, string Output) Run(string program, string folder, params string[] arguments)
        {
            var start = new ProcessStartInfo(program, arguments)
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            // The test host's own settings must not reach the builds it starts.
            foreach (
                string name in start.Environment.Keys.Where(key => key.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase)).ToArray()
            )
            {
                start.Environment.Remove(name);
            }
            start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
            start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
            using Process process = Process.Start(start)!;
            Task<string> error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output + error.Result);
        }

        public void Dispose() => Directory.Delete(Folder, recursive: true);

        private static string FindRoot()
        {
            DirectoryInfo? folder = new(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "KernelGen.sln")))
            {
                folder = folder.Parent;
            }
            return folder?.FullName ?? throw new InvalidOperationException("The tests run inside the checkout.");
        }
    }
}
