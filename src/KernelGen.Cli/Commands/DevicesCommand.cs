using System.CommandLine;
using KernelGen.Cli.Input;
using KernelGen.Cli.Output;
using KernelGen.Gpu;
using KernelGen.Kernels.Products.MachineCode;
using KernelGen.Reports;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen devices</c>: what multiplies bytes on the CPU, what GPU kernels can run on, and why nothing else.</summary>
internal static class DevicesCommand
{
    public static Command Create(CommandEnvironment environment)
    {
        Option<string> output = CommonOptions.Output();
        var command = new Command("devices", "List what multiplies on the CPU, and the devices that GPU kernels can run on.") { output };
        command.SetAction(parsed =>
        {
            var table = new DataTable(
                new("device", "device"),
                new("name", "name"),
                new("memory_gib", "GiB", "0.0"),
                new("multiprocessors", "multiprocessors"),
                new("warp", "warp"),
                new("usable", "usable")
            );
            table.Add("cpu", CpuKernels.Engine, null, null, null, Cpu());
            foreach (GpuDeviceInfo device in GpuDevices.List())
            {
                bool there = device.Name.Length > 0;
                table.Add(
                    device.Id,
                    there ? device.Name : null,
                    there ? Memory(device) / (double)(1L << 30) : null,
                    there ? device.Multiprocessors : null,
                    there ? device.WarpSize : null,
                    device.Unusable is null ? "yes" : $"no: {device.Unusable}"
                );
            }
            TableWriter.Write(table, parsed.GetRequiredValue(output), environment);
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Whether the CPU's engine is the best there is, and why not; engines of the CPU are named by <c>KERNELGEN_CPU</c>.</summary>
    private static string Cpu() =>
        CpuKernels.Refusal is { } refusal ? $"no: {refusal}"
        : CpuKernels.Missing is { } missing ? $"yes; no more: {missing}"
        : "yes";

    /// <summary>A device that is the processor reports all addresses there are; its memory is the machine's.</summary>
    private static long Memory(GpuDeviceInfo device) =>
        Math.Min(device.MemoryBytes, device.Id.StartsWith("cpu", StringComparison.Ordinal) ? MachineMemory : device.MemoryBytes);

    private static long MachineMemory => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
}
