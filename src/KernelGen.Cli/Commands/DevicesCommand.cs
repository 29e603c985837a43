using System.CommandLine;
using KernelGen.Cli.Input;
using KernelGen.Cli.Output;
using KernelGen.Gpu;
using KernelGen.Reports;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen devices</c>: what GPU kernels can run on, and why on nothing else.</summary>
internal static class DevicesCommand
{
    public static Command Create(CommandEnvironment environment)
    {
        Option<string> output = CommonOptions.Output();
        var command = new Command("devices", "List the devices that GPU kernels can run on.") { output };
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
            foreach (GpuDeviceInfo device in GpuDevices.List())
            {
                bool there = device.Name.Length > 0;
                table.Add(
                    device.Id,
                    there ? device.Name : null,
                    there ? device.MemoryBytes / (double)(1L << 30) : null,
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
}
