extern alias Assembler;
using System.Runtime.CompilerServices;
using Assembler::KernelGen.MachineCode;

namespace KernelGen.MachineCode.Tests;

/// <summary>The bytes in the repository are what the assembler makes of the kernels.</summary>
public class CommittedCodeTests
{
    [Fact]
    public void Committed_code_is_what_the_assembler_writes()
    {
        string folder = Folder();
        List<string> written = [];
        foreach ((string name, string text) in KernelFiles.All())
        {
            Assert.Equal(text, File.ReadAllText(Path.Combine(folder, name)).ReplaceLineEndings("\n"));
            written.Add(name);
        }
        Assert.Equal(written.Order(), Directory.GetFiles(folder).Select(Path.GetFileName).Order()!);
    }

    private static string Folder([CallerFilePath] string source = "") =>
        Path.GetFullPath(Path.Combine(source, "../../../src/KernelGen/Kernels/Products/MachineCode/Generated"));
}
