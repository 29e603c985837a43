using System.CommandLine;
using KernelGen.Cli.Input;
using KernelGen.Cli.Output;
using KernelGen.Cli.Scaling;
using KernelGen.Reports;
using KernelGen.Scaling;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen laws</c>: the laws that can be fitted, with formula and citation.</summary>
internal static class LawsCommand
{
    public static Command Create(CommandEnvironment environment)
    {
        Option<string> output = CommonOptions.Output();
        Option<bool> matrix = new("--matrix")
        {
            Description = "Laws by the inputs they read and their published sets, with the marks of these.",
        };
        var command = new Command("laws", "List the scaling laws, with formula and citation.") { matrix, output };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(matrix))
            {
                TableWriter.Write(LawMatrix.Of(LawCatalog.All), parsed.GetRequiredValue(output), environment);
                return ExitCode.Ok;
            }
            var table = new DataTable(
                new("law", "law"),
                new("title", "about"),
                new("formula", "formula"),
                new("parameters", "parameters"),
                new("columns", "further columns"),
                new("coefficients", "published coefficients"),
                new("citation", "citation")
            );
            foreach (IScalingLaw law in LawCatalog.All)
            {
                table.Add(
                    law.Name,
                    law.Title,
                    law.Formula,
                    law.Parameters.Count,
                    string.Join(", ", law.Columns.Select(column => column.Name)),
                    string.Join(", ", law.Published.Select(set => $"{set.Name} [{set.Mark.Letter()}]")),
                    law.Citation
                );
            }
            TableWriter.Write(table, parsed.GetRequiredValue(output), environment);
            return ExitCode.Ok;
        });
        return command;
    }
}
