using KernelGen.MachineCode;

if (args.Length != 1)
{
    Console.Error.WriteLine(
        "usage: dotnet run --project generators/KernelGen.MachineCode -- src/KernelGen/Kernels/Products/MachineCode/Generated"
    );
    return 2;
}
Directory.CreateDirectory(args[0]);
foreach ((string name, string text) in KernelFiles.All())
{
    File.WriteAllText(Path.Combine(args[0], name), text);
    Console.WriteLine($"{name}: {text.Count(c => c == '\n')} lines");
}
return 0;
