extern alias Assembler;
using Assembler::KernelGen.MachineCode;
using KernelGen.Generators.Tests;

namespace KernelGen.MachineCode.Tests;

/// <summary>The bytes in the repository are what the assembler makes of the kernels.</summary>
public class CommittedCodeTests
{
    [Fact]
    public void Committed_code_is_what_the_assembler_writes()
    {
        string folder = Path.Combine(Repository.Root, "src/KernelGen/Kernels/Products/MachineCode/Generated");
        List<string> written = [];
        foreach ((string name, string text) in KernelFiles.All())
        {
            Assert.Equal(text, File.ReadAllText(Path.Combine(folder, name)).ReplaceLineEndings("\n"));
            written.Add(name);
        }
        Assert.Equal(written.Order(), Directory.GetFiles(folder).Select(Path.GetFileName).Order()!);
    }
}
