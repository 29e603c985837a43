namespace KernelGen.Kernels.Products.MachineCode;

/// <summary>The kernels as this process can call them.</summary>
internal sealed unsafe class MachineKernels
{
    private readonly nint[] _entries;

    private MachineKernels(nint[] entries, CpuEngine wanted, CpuEngine best, string? missing) =>
        (_entries, Wanted, Best, Missing) = (entries, wanted, best, missing);

    /// <summary>Those of this machine, as <c>KERNELGEN_CPU</c> has them. Tests put others in their place.</summary>
    public static MachineKernels Current { get; set; } = Start(Environment.GetEnvironmentVariable(CpuEngines.Variable));

    /// <summary>The engine that was asked for.</summary>
    public CpuEngine Wanted { get; }

    /// <summary>The best engine that may be used.</summary>
    public CpuEngine Best { get; }

    /// <summary>Why there is no better one, in one line; or null.</summary>
    public string? Missing { get; }

    /// <summary>Why products cannot be computed as <c>KERNELGEN_CPU</c> asks, or null.</summary>
    public string? Refusal { get; private init; }

    /// <summary>Whether there are kernels of this machine's own code at all.</summary>
    public bool HasCode => Best >= CpuEngine.Vnni;

    /// <summary>Kernels that are called at other addresses than their own: an interpreter of them.</summary>
    public static MachineKernels At(nint[] entries, CpuEngine engine) => new(entries, engine, engine, null);

    /// <summary>What a setting means on this machine.</summary>
    /// <param name="setting">The value of <c>KERNELGEN_CPU</c>, or null.</param>
    public static MachineKernels Start(string? setting)
    {
        if (!CpuEngines.TryParse(setting, out CpuEngine wanted))
        {
            string refusal = $"{CpuEngines.Variable}={setting}: expected one of {CpuEngines.Names}.";
            return new([], CpuEngine.Managed, CpuEngine.Managed, null) { Refusal = refusal };
        }
        if (wanted is CpuEngine.Managed or CpuEngine.Avx512)
        {
            return Found([], wanted, CpuEngines.Managed, $"{CpuEngines.Variable}={setting}");
        }
        string? missing = CpuFeatures.NoMachineCode;
        nint[] entries = [];
        missing ??= ExecutableMemory.Load(KernelShape.All.Count, KernelCode.Of, out entries);
        if (missing is not null)
        {
            return Found([], wanted, CpuEngines.Managed, missing);
        }
        missing = wanted == CpuEngine.Vnni ? $"{CpuEngines.Variable}={setting}" : CpuFeatures.RequestTiles();
        return Found(entries, wanted, missing is null ? CpuEngine.Amx : CpuEngine.Vnni, missing);
    }

    /// <summary>Fails if an engine was asked for that there is not.</summary>
    /// <exception cref="NotSupportedException">With the reason.</exception>
    public void RequireEngine()
    {
        if (Refusal is not null)
        {
            throw new NotSupportedException(Refusal);
        }
    }

    /// <summary>Calls a kernel. The call leaves managed code, so that collections do not wait for it.</summary>
    /// <param name="arguments">Its arguments, which name it; checked.</param>
    public void Call(KernelArguments* arguments) => ((delegate* unmanaged<KernelArguments*, void>)_entries[arguments->Kernel])(arguments);

    private static MachineKernels Found(nint[] entries, CpuEngine wanted, CpuEngine best, string? missing) =>
        new(entries, wanted, best, missing)
        {
            Refusal =
                wanted != CpuEngine.Best && best < wanted
                    ? $"{CpuEngines.Variable}={wanted.ToString().ToLowerInvariant()}: not on this machine, {missing}."
                    : null,
        };
}
