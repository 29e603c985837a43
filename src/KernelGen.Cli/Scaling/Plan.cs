using KernelGen.Reports;

namespace KernelGen.Cli.Scaling;

/// <summary>A plan: its table, and its plot if someone asks for it.</summary>
/// <param name="Table">The table.</param>
/// <param name="Plot">Draws the plan as SVG.</param>
internal sealed record Plan(DataTable Table, Func<string> Plot);
