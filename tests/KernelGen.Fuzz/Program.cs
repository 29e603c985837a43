using System.Diagnostics;
using System.Security.Cryptography;
using KernelGen.Fuzz;
using SharpFuzz;

// KernelGen.Fuzz PARSER SECONDS CORPUS: inputs that reach new branches are kept, and at the end the smallest that reach all of them are
// written to CORPUS. What fails or hangs is written as crash-HASH, and the exit code is 1.
if (args is not [var name, var seconds, var corpus] || FuzzTarget.All.FirstOrDefault(t => t.Name == name) is not { } target)
{
    Console.Error.WriteLine($"usage: KernelGen.Fuzz {string.Join('|', FuzzTarget.All.Select(t => t.Name))} SECONDS CORPUS");
    return 2;
}
const string Instrumented = "KERNELGEN_FUZZ_INSTRUMENTED";
if (Environment.GetEnvironmentVariable(Instrumented) is null)
{
    // The parsers count their branches in a copy of the program.
    DirectoryInfo copy = Directory.CreateTempSubdirectory("kernelgen-fuzz-");
    try
    {
        foreach (string file in Directory.GetFiles(AppContext.BaseDirectory))
        {
            File.Copy(file, Path.Combine(copy.FullName, Path.GetFileName(file)));
        }
        foreach (string assembly in new[] { "KernelGen.Models", "KernelGen.Scaling", "KernelGen.Training" })
        {
            Fuzzer.Instrument(Path.Combine(copy.FullName, assembly + ".dll"), _ => true, Options.Value);
        }
        var start = new ProcessStartInfo(
            "dotnet",
            [Path.Combine(copy.FullName, "KernelGen.Fuzz.dll"), name, seconds, Path.GetFullPath(corpus)]
        );
        start.Environment[Instrumented] = "1";
        using Process process = Process.Start(start)!;
        process.WaitForExit();
        return process.ExitCode;
    }
    finally
    {
        copy.Delete(recursive: true);
    }
}

var loop = new CoverageLoop(target);
Directory.CreateDirectory(corpus);
foreach (byte[] seed in target.Seeds.Concat(Directory.GetFiles(corpus).Select(File.ReadAllBytes)))
{
    loop.Try(seed);
}
loop.Run(TimeSpan.FromSeconds(double.Parse(seconds, System.Globalization.CultureInfo.InvariantCulture)));
foreach (string file in Directory.GetFiles(corpus))
{
    File.Delete(file);
}
foreach (byte[] input in loop.Smallest())
{
    Write("", input);
}
foreach ((byte[] input, string why) in loop.Failures)
{
    Console.WriteLine($"crash-{Write("crash-", input)}: {why}");
}
Console.WriteLine(
    $"{name}: {loop.Tried} inputs, {loop.Read} read, {loop.Branches} branches, {loop.Smallest().Count} inputs kept, "
        + $"{loop.Failures.Count} failures"
);
return loop.Failures.Count == 0 ? 0 : 1;

string Write(string prefix, byte[] input)
{
    string hash = Convert.ToHexStringLower(SHA256.HashData(input))[..12];
    File.WriteAllBytes(Path.Combine(corpus, prefix + hash), input);
    return hash;
}
