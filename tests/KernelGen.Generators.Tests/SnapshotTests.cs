namespace KernelGen.Generators.Tests;

/// <summary>
/// A few generated files as they are, in the file convention of Verify: Name.verified.txt is committed, a difference
/// leaves Name.received.txt next to it. KERNELGEN_UPDATE_SNAPSHOTS=1 accepts what is generated.
/// </summary>
public class SnapshotTests
{
    [Theory]
    [InlineData("KernelGen.Formats.Q4_0.Info.g.cs")]
    [InlineData("KernelGen.Formats.Q4_0.Recipe.g.cs")]
    [InlineData("KernelGen.Formats.NvFp4Ggml.Recipe.g.cs")]
    [InlineData("KernelGen.Formats.MxFp6E2M3.Recipe.g.cs")]
    [InlineData("KernelGen.Formats.Q4_K.Info.g.cs")]
    [InlineData("KernelGen.Formats.Q4_K.Recipe.g.cs")]
    [InlineData("KernelGen.Formats.TrellisTwoQuarter.Info.g.cs")]
    [InlineData("KernelGen.Formats.Vq2x64.Info.g.cs")]
    [InlineData("KernelGen.Formats.Tq1_0.Info.g.cs")]
    public void Generated_text_is_as_committed(string hintName)
    {
        string actual = GeneratorHarness.Generate(GeneratorHarness.Compile(Repository.FormatSources()))[hintName];
        string folder = Path.Combine(Repository.Root, "tests", "KernelGen.Generators.Tests", "Snapshots");
        string verified = Path.Combine(folder, hintName + ".verified.txt"),
            received = Path.Combine(folder, hintName + ".received.txt");
        if (Environment.GetEnvironmentVariable("KERNELGEN_UPDATE_SNAPSHOTS") == "1")
        {
            File.WriteAllText(verified, actual);
        }
        if (!File.Exists(verified) || File.ReadAllText(verified) != actual)
        {
            File.WriteAllText(received, actual);
            Assert.Fail($"{hintName} differs from its snapshot; compare {received} with {verified}");
        }
        File.Delete(received);
    }
}
