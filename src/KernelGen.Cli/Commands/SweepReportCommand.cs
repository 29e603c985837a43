using System.CommandLine;
using KernelGen.Cli.Input;
using KernelGen.Cli.Scaling;
using KernelGen.Models;
using KernelGen.Reports;
using KernelGen.Scaling;
using KernelGen.Training;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen sweep report</c>: what a sweep shows: laws, capacities, products, noise, methods, extrapolation.</summary>
internal sealed class SweepReportCommand
{
    private readonly Argument<string> _runs = new("RUNS") { Description = "Database of a sweep, or the table that sweep export wrote." };
    private readonly Option<string> _output = new("--output", "-o") { Description = "The page: FILE.html, or FILE.md.", Required = true };
    private readonly Option<string?> _plots = new("--plots")
    {
        Description = "Write each plot as SVG into this folder; a page in Markdown shows them from there.",
    };
    private readonly Option<string?> _tables = new("--tables") { Description = "Also write each table as CSV into this folder." };
    private readonly Option<int> _bootstrap = new("--bootstrap")
    {
        Description = "Resamples for intervals; 0 for none.",
        DefaultValueFactory = _ => 300,
        CustomParser = argument => Numbers.AtLeast(0)(argument) ?? 0,
    };
    private readonly Option<string[]> _sources = new("--sources")
    {
        Description = "Distributions whose error is also compared with capacity by rank: laplace,logistic,student:3.",
        AllowMultipleArgumentsPerToken = true,
    };
    private readonly Option<string?> _where = LawCommandLine.Where(),
        _representations = LawCommandLine.Representations();
    private readonly Option<bool> _force = CommonOptions.Force();
    private readonly Option<int?> _threads = CommonOptions.Threads();
    private readonly CommandEnvironment _environment;

    private SweepReportCommand(CommandEnvironment environment) => _environment = environment;

    public static Command Create(CommandEnvironment environment)
    {
        var self = new SweepReportCommand(environment);
        var command = new Command("report", "Fit the runs of a sweep and write a page with everything they show.")
        {
            self._runs,
            self._output,
            self._plots,
            self._tables,
            self._bootstrap,
            self._sources,
            self._where,
            self._representations,
            self._force,
            self._threads,
        };
        command.SetAction(LawCommandLine.Guard(environment, self.Run));
        return command;
    }

    private int Run(ParseResult parsed)
    {
        string file = parsed.GetRequiredValue(_output),
            runs = parsed.GetRequiredValue(_runs);
        bool force = parsed.GetValue(_force),
            markdown = Path.GetExtension(file).Equals(".md", StringComparison.OrdinalIgnoreCase);
        OutputFile.RequireFree(file, force);
        RunTable table = Table(runs, parsed);
        var options = new FitOptions
        {
            HuberDelta = 1e-4,
            Bootstrap = parsed.GetValue(_bootstrap),
            Candidates = 2000,
            Descents = 24,
            Threads = parsed.GetValue(_threads) ?? Environment.ProcessorCount,
            Cancellation = _environment.Cancellation,
        };
        var analysis = new SweepAnalysis(table, options)
        {
            Sources = [.. FormatNames.Separate(parsed.GetValue(_sources) ?? []).Select(Source)],
        };
        IReadOnlyList<ReportSection> sections = [];
        _environment.Progress.Run("report", SweepSections.Count, report => sections = SweepSections.All(analysis, (done, title) =>
            {
                _environment.Cancellation.ThrowIfCancellationRequested();
                report(done, title);
            }));
        string title = Path.GetFileNameWithoutExtension(runs);
        string? folder = parsed.GetValue(_plots);
        if (folder is not null)
        {
            Directory.CreateDirectory(folder);
            foreach ((string name, string svg) in sections.SelectMany(section => section.Plots))
            {
                LawCommandLine.Write(Path.Combine(folder, name + ".svg"), svg, force);
            }
        }
        if (parsed.GetValue(_tables) is { } tables)
        {
            WriteTables(tables, sections, force);
        }
        string? figures = folder is null
            ? null
            : Path.GetRelativePath(Path.GetDirectoryName(Path.GetFullPath(file))!, folder).Replace('\\', '/');
        LawCommandLine.Write(file, markdown ? ReportPage.Markdown(title, sections, figures) : ReportPage.Html(title, sections), force);
        foreach (ReportSection section in sections)
        {
            _environment.Note($"{section.Title}: {section.Text}");
        }
        return ExitCode.Ok;
    }

    private (string, Func<string, double?>) Source(string text)
    {
        ValueSource source = SourceOption.Distribution(text)
            ?? throw new UsageException($"--sources: '{text}' is a file; it takes distributions.");
        var errors = new LawRepresentations(_environment, null, source);
        return (source.Name, name => errors.Resolve(name)?.Gmse);
    }

    private static void WriteTables(string folder, IReadOnlyList<ReportSection> sections, bool force)
    {
        Directory.CreateDirectory(folder);
        foreach (ReportSection section in sections)
        {
            for (int i = 0; i < section.Tables.Count; i++)
            {
                using var text = new StringWriter { NewLine = "\n" };
                CsvTable.Write(section.Tables[i], text);
                string name = string.Join('-', section.Title.ToLowerInvariant().Split([' ', ','], StringSplitOptions.RemoveEmptyEntries));
                LawCommandLine.Write(Path.Combine(folder, $"{name}{(i == 0 ? "" : $"-{i + 1}")}.csv"), text.ToString(), force);
            }
        }
    }

    private RunTable Table(string path, ParseResult parsed)
    {
        var representations = new LawRepresentations(_environment, parsed.GetValue(_representations));
        if (!SweepStore.IsDatabase(path))
        {
            return LawCommandLine.Table(path, null, parsed.GetValue(_where), representations);
        }
        using var text = new StringWriter();
        CsvTable.Write(RunRows.Of(SweepStore.ReadRuns(path)), text);
        return RunTable.ReadCsv(
            new StringReader(text.ToString()),
            Path.GetFileName(path),
            LawCommandLine.TableOptions(null, parsed.GetValue(_where), representations)
        );
    }
}
