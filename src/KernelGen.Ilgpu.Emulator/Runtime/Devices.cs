using System.Collections.Immutable;

namespace ILGPU.Runtime
{
    public enum AcceleratorType
    {
        CPU = 0,
        Cuda = 1,
        OpenCL = 2,
        Velocity = 3,
    }

    /// <summary>The one device there is: this process, with the numbers of a small NVIDIA device.</summary>
    public sealed class Device
    {
        internal Device(long memory, bool inlinePtx) => (MemorySize, InlinePtx) = (memory, inlinePtx);

        public AcceleratorType AcceleratorType => AcceleratorType.CPU;

        public string Name => "Emulator";

        public long MemorySize { get; }

        internal bool InlinePtx { get; }

        public int MaxNumThreadsPerGroup => 1024;

        public int MaxSharedMemoryPerGroup => Accelerator.SharedMemoryBytes;

        public int WarpSize => 32;

        public int NumMultiprocessors => Environment.ProcessorCount;

        public Accelerator CreateAccelerator(Context context) => new(context, this);

        public override string ToString() => $"{Name} [Type: {AcceleratorType}, WarpSize: {WarpSize}]";
    }

    /// <summary>An error of an accelerator, such as memory that is used up.</summary>
    public class AcceleratorException(string message) : Exception(message);
}

namespace ILGPU
{
    using ILGPU.Runtime;

    public enum OptimizationLevel
    {
        O0,
        O1,
        O2,
    }

    /// <summary>The devices of this process: the emulator, and never another.</summary>
    public sealed class Context : IDisposable
    {
        private Context(Builder builder) => Devices = builder.Enabled ? [new Device(builder.Memory, builder.InlinePtx)] : [];

        public ImmutableArray<Device> Devices { get; }

        public static Context Create(Action<Builder> configure)
        {
            var builder = new Builder();
            configure(builder);
            return new Context(builder);
        }

        public static Context CreateDefault() => Create(builder => builder.Default());

        public Device GetPreferredDevice(bool preferCPU) => Devices[0];

        public void Dispose() { }

        public sealed class Builder
        {
            internal bool Enabled { get; private set; }

            /// <summary>Bytes that the emulated device has.</summary>
            internal long Memory { get; private set; } = 2L << 30;

            internal bool InlinePtx { get; private set; } = true;

            /// <summary>Of the emulator only: a device that has no PTX, as OpenCL's are.</summary>
            public Builder WithoutInlinePtx()
            {
                InlinePtx = false;
                return this;
            }

            public Builder Default() => AllAccelerators();

            public Builder AllAccelerators() => CPU();

            public Builder Optimize(OptimizationLevel level) => this;

            public Builder CPU()
            {
                Enabled = true;
                return this;
            }

            /// <summary>There are none here.</summary>
            public Builder Cuda() => this;

            /// <summary>There are none here.</summary>
            public Builder OpenCL() => this;
        }
    }
}
