using System.CommandLine;
using System.Reflection;
using KernelGen.Generators.Emit;
using KernelGen.Generators.Emit.Ilgpu;
using KernelGen.Gpu;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace KernelGen.Cli.Input;

/// <summary>
/// Formats that the user declares: C# files are compiled in memory by the generator that builds the built-in ones, assemblies are
/// loaded. Their formats join the catalogue before a command runs, so that every command takes them by name.
/// </summary>
internal static class OwnFormats
{
    /// <summary>The environment variable: paths joined as in <c>PATH</c>.</summary>
    public const string Variable = "KERNELGEN_FORMATS";

    private const string AssemblyName = "OwnFormats";

    /// <summary>A catalogue, where its formats are declared, and their GPU kernels if there are any.</summary>
    private sealed record Found(FormatCatalog Formats, Func<CompressedFormat, string> FileOf, GpuCatalog? Kernels);

    /// <summary>The option of all commands.</summary>
    public static Option<string[]> Option() =>
        new("--formats")
        {
            Description =
                $"Formats of your own, for every command: a .cs file of declarations, a folder of such files, or a .dll. Repeatable; {Variable} "
                + $"names paths too, joined by '{Path.PathSeparator}'. Loading code runs it: name only files that you trust.",
            HelpName = "PATH",
            Recursive = true,
        };

    /// <summary>The environment with the formats that the variable and the option name; the same object if they name none.</summary>
    /// <exception cref="UsageException">A path, a declaration or a name is wrong; what the compiler says is printed before.</exception>
    public static CommandEnvironment Join(CommandEnvironment environment, ParseResult parsed, Option<string[]> option)
    {
        const StringSplitOptions split = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;
        string[] paths = [.. (environment.Variable(Variable) ?? "").Split(Path.PathSeparator, split), .. parsed.GetValue(option) ?? []];
        if (paths.Length == 0)
        {
            return environment;
        }
        (string Path, string[] Files)[] named = [.. paths.Select(path => (path, Files(path)))];
        string[] files = [.. named.SelectMany(entry => entry.Files).DistinctBy(Path.GetFullPath)];
        List<Found> found = [.. files.Where(IsAssembly).Select(Load)];
        if (files.Any(file => !IsAssembly(file)))
        {
            found.Add(Compile([.. files.Where(file => !IsAssembly(file))], named, AsksForDevice(parsed), environment));
        }
        return environment with
        {
            Catalog = Joined(environment.Catalog, found),
            Kernels = found.Select(one => one.Kernels).OfType<GpuCatalog>().Aggregate(environment.Kernels, (all, one) => all.With(one)),
        };
    }

    /// <summary>Whether a command needs GPU kernels, which take time to write and to compile.</summary>
    public static bool AsksForDevice(ParseResult parsed) =>
        parsed.CommandResult.Children.Any(child =>
            child is System.CommandLine.Parsing.OptionResult { Implicit: false, Option.Name: "--device" }
        );

    private static bool IsAssembly(string file) => Path.GetExtension(file).Equals(".dll", StringComparison.OrdinalIgnoreCase);

    /// <summary>The files of a path. Of a folder only its C# files: no assembly is loaded that was not named.</summary>
    private static string[] Files(string path)
    {
        if (Directory.Exists(path))
        {
            string[] files = Read(path, () => Directory.GetFiles(path, "*.cs"));
            Array.Sort(files, StringComparer.Ordinal);
            return files.Length > 0 ? files : throw new UsageException($"--formats: the folder '{path}' has no .cs files.");
        }
        if (!File.Exists(path))
        {
            throw new UsageException($"--formats: there is no file or folder '{path}'.");
        }
        return IsAssembly(path) || Path.GetExtension(path).Equals(".cs", StringComparison.OrdinalIgnoreCase)
            ? [path]
            : throw new UsageException($"--formats: '{path}' is no .cs file, no .dll and no folder.");
    }

    private static T Read<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--formats: '{path}' cannot be read: {e.Message}");
        }
    }

    private static Found Load(string path) =>
        Declared<FormatCatalog>(path, CatalogEmitter.ClassName) is { } catalog
            ? new(catalog, _ => path, Declared<GpuCatalog>(path, GpuCatalogEmitter.ClassName))
            : throw new UsageException($"--formats: '{path}' declares no format: it has no {CatalogEmitter.ClassName}.Catalog.");

    /// <summary>The catalogue that the generator wrote into an assembly.</summary>
    private static T? Declared<T>(string path, string type)
        where T : class
    {
        try
        {
            return FormatCompiler.Catalog<T>(Assembly.LoadFrom(Path.GetFullPath(path)), type);
        }
        catch (Exception e)
            when (e
                    is BadImageFormatException
                        or IOException
                        or UnauthorizedAccessException
                        or TypeLoadException
                        or ReflectionTypeLoadException
                        or TargetInvocationException
            )
        {
            throw new UsageException($"--formats: '{path}' cannot be loaded: {e.GetBaseException().Message}");
        }
    }

    /// <summary>Compiles files as one assembly, as a project would.</summary>
    private static Found Compile(string[] files, (string Path, string[] Files)[] named, bool onDevice, CommandEnvironment environment)
    {
        FormatCompiler.Result compiled = FormatCompiler.Compile(
            AssemblyName,
            files.Select(file => CSharpSyntaxTree.ParseText(Read(file, () => Text(file)), FormatCompiler.Parsing, path: file)),
            onDevice,
            environment
        );
        string[] FilesOf(CompressedFormat format) =>
            [
                .. compiled
                    .Declared.GetTypeByMetadataName(format.Declaration.FullName!)!
                    .Locations.Select(place => place.SourceTree!.FilePath),
            ];

        HashSet<string> withFormats = [.. compiled.Formats.All.SelectMany(FilesOf).Select(Path.GetFullPath)];
        foreach ((string path, string[] its) in named.Where(entry => !IsAssembly(entry.Files[0])))
        {
            if (!its.Select(Path.GetFullPath).Any(withFormats.Contains))
            {
                throw new UsageException($"--formats: '{path}' declares no format: no struct in it has [CompressedFormat].");
            }
        }
        return new(compiled.Formats, format => string.Join(" and ", FilesOf(format)), compiled.Kernels);
    }

    private static SourceText Text(string file)
    {
        using FileStream stream = File.OpenRead(file);
        return SourceText.From(stream);
    }

    /// <summary>All formats, if no two have one name.</summary>
    private static FormatCatalog Joined(FormatCatalog builtIn, List<Found> found)
    {
        Dictionary<string, string> places = new(StringComparer.OrdinalIgnoreCase);
        foreach (CompressedFormat format in builtIn.All)
        {
            places.Add(format.Info.Name, $"{format.Declaration.Name} in {format.Declaration.Module.Name}");
        }
        foreach ((FormatCatalog catalog, Func<CompressedFormat, string> fileOf, _) in found)
        {
            foreach (CompressedFormat format in catalog.All)
            {
                string place = $"{format.Declaration.Name} in {fileOf(format)}";
                if (!places.TryAdd(format.Info.Name, place))
                {
                    throw new UsageException(
                        $"--formats: the name '{format.Info.Name}' is taken: {places[format.Info.Name]} has it already, and {place} declares it again."
                    );
                }
            }
        }
        return found.Aggregate(builtIn, (all, one) => all.With(one.Formats));
    }
}
