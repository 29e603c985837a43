using System.CommandLine;
using KernelGen.Cli.Input;
using KernelGen.Cli.Scaling;
using KernelGen.Models;
using KernelGen.Reports;
using KernelGen.Scaling;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen report</c>: one self-contained page on a run table, without scripts.</summary>
internal sealed class ReportCommand
{
    private readonly Argument<string> _runs = new("RUNS")
    {
        Description = "Run table: CSV or JSON lines with params, tokens (or flops) and loss.",
    };
    private readonly Option<string?> _law = new("--law")
    {
        Description =
            "Law to fit, or several to compare: a,b (kernelgen laws lists them). If not given, unified for tables with compressed runs and "
            + "chinchilla for others.",
    };
    private readonly Option<int> _bootstrap = new("--bootstrap")
    {
        Description = "Bootstrap resamples; 0 for no intervals.",
        DefaultValueFactory = _ => 300,
        CustomParser = argument => Numbers.AtLeast(0)(argument) ?? 0,
    };
    private readonly Option<string?> _columns = LawCommandLine.Columns(),
        _where = LawCommandLine.Where(),
        _representations = LawCommandLine.Representations();
    private readonly Option<string> _output = new("--output", "-o") { Description = "The page: FILE.html.", Required = true };
    private readonly Option<string?> _plots = new("--plots") { Description = "Also write each plot as SVG into this folder." };
    private readonly Option<bool> _force = CommonOptions.Force();
    private readonly CommandEnvironment _environment;

    private ReportCommand(CommandEnvironment environment) => _environment = environment;

    public static Command Create(CommandEnvironment environment)
    {
        var self = new ReportCommand(environment);
        var command = new Command("report", "Fit a run table and write a page with the parameters and plots.")
        {
            self._runs,
            self._law,
            self._bootstrap,
            self._columns,
            self._where,
            self._representations,
            self._output,
            self._plots,
            self._force,
        };
        command.SetAction(LawCommandLine.Guard(environment, self.Run));
        return command;
    }

    private int Run(ParseResult parsed)
    {
        string file = parsed.GetRequiredValue(_output);
        bool force = parsed.GetValue(_force);
        OutputFile.RequireFree(file, force);
        var representations = new LawRepresentations(_environment, parsed.GetValue(_representations));
        string[] given = FormatNames.Separate(parsed.GetValue(_law) is { } text ? [text] : []);
        IScalingLaw[] asked = [.. given.Distinct().Select(name => LawCommandLine.Create(name, []))];
        RunTable table = LawCommandLine.Table(
            parsed.GetRequiredValue(_runs),
            parsed.GetValue(_columns),
            parsed.GetValue(_where),
            representations,
            asked
        );
        bool compressed = table.Runs.Any(run => !run.Input.Weights.IsDense || !run.Input.Activations.IsDense);
        string[] names = asked.Length > 0 ? given : [compressed ? "unified" : "chinchilla"];
        var options = new FitOptions
        {
            HuberDelta = compressed ? 1e-4 : 1e-3,
            Bootstrap = parsed.GetValue(_bootstrap),
            Cancellation = _environment.Cancellation,
        };
        IScalingLaw[] laws = [.. names.Distinct().Select(name => LawCommandLine.Create(name, table.Runs.Select(run => run.Input)))];
        IReadOnlyList<ReportSection> sections = LawReport.Of(table, [.. laws.Select(law => LawFit.Run(law, table.Runs, options))]);
        if (parsed.GetValue(_plots) is { } folder)
        {
            Directory.CreateDirectory(folder);
            foreach ((string plot, string svg) in sections.SelectMany(section => section.Plots))
            {
                LawCommandLine.Write(Path.Combine(folder, plot + ".svg"), svg, force);
            }
        }
        LawCommandLine.Write(file, ReportPage.Html(table.Source, sections), force);
        return ExitCode.Ok;
    }
}
