using System.CommandLine;
using KernelGen.Cli.Input;
using KernelGen.Cli.Scaling;
using KernelGen.Models;
using KernelGen.Reports;

namespace KernelGen.Cli.Output;

/// <summary>The result of <c>compare</c>: a table in any notation, a page with the plot in it, and the plot as a file.</summary>
internal sealed class ComparisonOutput
{
    private const string Page = "html";

    private readonly Option<string> _notation = CommonOptions.Output(Page);
    private readonly Option<string?> _plot = new("--plot")
    {
        Description = "Also draw error by stored bits, with the Pareto front and Shannon's bound: FILE.svg.",
        HelpName = "FILE.svg",
    };
    private readonly Option<bool> _force = CommonOptions.Force();

    public void AddTo(Command command)
    {
        command.Add(_notation);
        command.Add(_plot);
        command.Add(_force);
    }

    /// <summary>How the table is written.</summary>
    public string Notation(ParseResult parsed) => parsed.GetRequiredValue(_notation);

    /// <summary>Fails before long work if the plot has no place.</summary>
    public void Check(ParseResult parsed)
    {
        if (parsed.GetValue(_plot) is { } plot)
        {
            OutputFile.RequireFree(plot, parsed.GetValue(_force));
        }
    }

    /// <summary>Writes all that was asked for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="table">The table.</param>
    /// <param name="points">The formats of the plot.</param>
    /// <param name="values">Of which values their errors are.</param>
    /// <param name="environment">Where it goes.</param>
    public void Write(
        ParseResult parsed,
        DataTable table,
        IReadOnlyList<FrontierPoint> points,
        string values,
        CommandEnvironment environment
    )
    {
        string? plot = parsed.GetValue(_plot);
        bool page = Notation(parsed) == Page;
        if (plot is not null || page)
        {
            string[] absent = [.. points.Where(point => !FrontierPlot.IsShown(point)).Select(point => point.Name)];
            if (absent.Length > 0)
            {
                environment.Note($"no point on a logarithmic axis, the error is 0: {string.Join(", ", absent)}.");
            }
        }
        if (plot is not null)
        {
            LawCommandLine.Write(plot, FrontierPlot.Render(points, values), parsed.GetValue(_force));
        }
        if (page)
        {
            environment.Out.Write(FrontierPage.Html("Comparison of formats", table, points, values));
        }
        else
        {
            TableWriter.Write(table, Notation(parsed), environment);
        }
    }
}
